"""The people at the forms, and what is theirs alone."""

from dataclasses import dataclass, field

from tests.machine.browser import Device, Tab


@dataclass
class Person:
    """Somebody at the forms. Everything they type about themselves is theirs alone."""

    name: str
    contact: dict[str, str]
    born: str
    too_young: str  # a date of birth that they type by mistake
    words: str
    devices: list[Device] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)

    @property
    def own(self) -> tuple[str, ...]:
        """What must stand on no page of anybody else."""
        digits = "".join(c for c in self.contact["phone"] if c.isdigit())
        dashed = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
        return (
            self.contact["name"],
            self.contact["location"],
            self.contact["email"],
            self.words,
            digits,
            dashed,
            dashed.replace("-", " "),
            f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
            *(f'value="{date[:4]}"' for date in (self.born, self.too_young)),
        )


def person(name: str, phone: str, town: str, born: str, too_young: str) -> Person:
    """Make a person with everything that the contact page asks for."""
    contact = {
        "name": f"{name.capitalize()} Ownname",
        "phone": phone,
        "location": town,
        "email": f"{name}@mail.example",
    }
    return Person(name, contact, born, too_young, f"words-of-{name}")
