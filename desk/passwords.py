"""Passwords by argon2, and how often a sign-in may fail."""

from threading import BoundedSemaphore

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 10
LONGEST = 200
MINUTES = 15
AT_ONCE = 2  # digests that are computed; each takes 64 MiB
# Failures within the minutes: of a name, against guessing; of an address, against trying names.
OF_A_NAME, OF_AN_ADDRESS = 5, 30


class Passwords:
    """Makes and checks digests; a name that nobody has takes as long as a wrong password."""

    def __init__(self) -> None:
        self._hash = PasswordHash((Argon2Hasher(),))
        self._few = BoundedSemaphore(AT_ONCE)
        self._nobody = self._hash.hash("nobody's password")

    def digest(self, password: str) -> str:
        """Return argon2id's digest of a password, with its salt and parameters (RFC 9106)."""
        return self._hash.hash(password)

    def fits(self, password: str, digest: str | None) -> bool:
        """Return whether a password is the one of the digest; never where there is none."""
        with self._few:
            fits = self._hash.verify(password, digest or self._nobody)
        return fits and digest is not None


class Patience:
    """Counts failed sign-ins by name and by address, and says when it is enough for now.

    A try counts against its name before the password is looked at, so that many at once are as
    many; one that succeeds is forgiven.
    """

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._name = RateLimitItemPerMinute(OF_A_NAME, MINUTES)
        self._address = RateLimitItemPerMinute(OF_AN_ADDRESS, MINUTES)

    def may_try(self, name: str, address: str) -> bool:
        """Count a try; return False where this name or this address failed too often of late."""
        known = self._window.test(self._address, "address", address)
        return known and self._window.hit(self._name, "name", name)

    def failed(self, address: str) -> None:
        """Count the failure of a try against its address."""
        self._window.hit(self._address, "address", address)

    def succeeded(self, name: str) -> None:
        """Forgive a name its tries."""
        self._window.clear(self._name, "name", name)
