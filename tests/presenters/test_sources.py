"""Sources: short beside a clause, and links only to web addresses."""

import pytest

from screener.engine.protocol import Reference
from screener.presenters.sources import source


@pytest.mark.parametrize(
    ("citation", "short"),
    [
        (
            "Wolfe F, Clauw DJ, et al. 2016 revisions to the 2010/2011 criteria. "
            "Semin Arthritis Rheum 2016;46:319-29.",
            "Wolfe 2016",
        ),
        ("van der Feltz-Cornelis CM, Hoedeman R. Faces. Pain 2012;1:1.", "van der Feltz-Cornelis"),
        ("O'Connor AB. Title of 1999. J Pain 2009;3:4.", "O'Connor 2009"),
        ("US Food and Drug Administration. Announcement, 2019.", "US Food and Drug Administration"),
    ],
)
def test_a_source_is_short_beside_a_clause(citation: str, short: str) -> None:
    made = source(Reference(id="x", citation=citation, supports="y", read="abstract"))
    assert made.short.startswith(short)
    assert not made.href


def test_only_web_addresses_become_links() -> None:
    made = source(
        Reference(id="x", citation="A B.", supports="y", read="recalled", url="javascript:alert(1)")
    )
    assert not made.href
    assert made.checked == "recalled, still to be checked"
