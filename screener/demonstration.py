"""The defaults of a demonstration: a synthetic clinic, and secrets made at the first start."""

import base64
import os
import secrets
from pathlib import Path

CLINIC = {
    "name": "Demonstration Clinic (synthetic)",
    "phone": "(555) 555-0100",
    "hours": "Monday to Friday, 9 am to 5 pm",
    "address": "100 Example Street, Anytown",
    "crisis_text": (
        "If you are in danger or thinking about ending your life, call or text 988, or call 911."
    ),
}
TIME_ZONE = "America/New_York"
SECRETS = {"secret_key", "password_salt", "encryption_keys"}


def secrets_file(folder: Path = Path("var")) -> Path:
    """Return the file with a demonstration's secrets; the first start makes it.

    They are random, and kept so that a restart and a second worker can read the database.
    """
    path = folder / "demonstration.env"
    if path.exists():
        return path
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    text = (
        f"SCREENER_SECRET_KEY={secrets.token_urlsafe(32)}\n"
        f"SCREENER_PASSWORD_SALT={secrets.token_urlsafe(32)}\n"
        f"SCREENER_ENCRYPTION_KEYS=demonstration:{key}\n"
    )
    draft = folder / f".demonstration-{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)  # of several that start at once, the first wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path
