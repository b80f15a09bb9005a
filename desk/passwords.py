"""Passwords by argon2, and how often a sign-in may fail."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 10
LONGEST = 200
MINUTES = 15
# Failures within the minutes: of a name, against guessing; of an address, against trying names.
OF_A_NAME, OF_AN_ADDRESS = 5, 30


class Passwords:
    """Makes and checks digests; a name that nobody has takes as long as a wrong password."""

    def __init__(self) -> None:
        self._hash = PasswordHash((Argon2Hasher(),))
        self._nobody = self._hash.hash("nobody's password")

    def digest(self, password: str) -> str:
        """Return argon2id's digest of a password, with its salt and parameters (RFC 9106)."""
        return self._hash.hash(password)

    def fits(self, password: str, digest: str | None) -> bool:
        """Return whether a password is the one of the digest; never where there is none."""
        fits = self._hash.verify(password, digest or self._nobody)
        return fits and digest is not None


class Patience:
    """Counts failed sign-ins by name and by address, and says when it is enough for now."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._limits = {
            "name": RateLimitItemPerMinute(OF_A_NAME, MINUTES),
            "address": RateLimitItemPerMinute(OF_AN_ADDRESS, MINUTES),
        }

    def is_over(self, name: str, address: str) -> bool:
        """Return whether this name or this address failed too often of late."""
        keys = {"name": name, "address": address}
        return not all(self._window.test(limit, k, keys[k]) for k, limit in self._limits.items())

    def failed(self, name: str, address: str) -> None:
        """Count one failure."""
        keys = {"name": name, "address": address}
        for kind, limit in self._limits.items():
            self._window.hit(limit, kind, keys[kind])
