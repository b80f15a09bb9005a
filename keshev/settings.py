"""One frozen value that holds every setting, built once at the edge and passed down.

Each field is also an environment variable with the prefix `KESHEV_`
(`KESHEV_DATABASE_URL`, `KESHEV_WINDOW_DAYS`, …).
"""

from datetime import datetime
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from keshev.errors import SettingsError
from labels.codebook import Reason

ROOT = Path(__file__).resolve().parent.parent
ThreadDefinition = Literal["any", "queue", "text"]
Language = Literal["he", "en"]
WORKING_DAYS = 5
CALLED = 30  # customers at risk on the page, where nobody says how many the desk can call


class Settings(BaseSettings):
    """What a run needs to know. Paths are local; nothing here ever leaves the machine."""

    model_config = SettingsConfigDict(env_prefix="KESHEV_", frozen=True, extra="ignore")

    home: Path = Field(
        Path("keshev-data"), description="Folder of the store, the lock and the reports."
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL; empty means SQLite in `home`. PostgreSQL for teams."
    )
    model_dir: Path = Field(
        ROOT / "nlp" / "weights", description="Folder of the model that classifies."
    )
    language: Language = Field(
        "he", description="Language of the report and the command line's tables; the desk's first."
    )
    timezone: str = Field("Asia/Jerusalem", description="Local time of weeks and reports.")
    week_start: Literal["sunday", "monday"] = Field("sunday", description="First day of a week.")
    window_days: int = Field(
        7, ge=1, le=60, description="Days within which a further contact is a repeat."
    )
    wide_window_days: int = Field(
        30,
        ge=1,
        le=60,
        description="A second window, whose FCR stands beside that of a narrower first.",
    )
    thread_definition: ThreadDefinition = Field(
        "text", description="Which 'same issue' the report shows first."
    )
    as_of: datetime | None = Field(
        None, description="End of observation, local time; the newest contact when empty."
    )
    min_slice: int = Field(20, ge=1, description="Threads that a slice needs to show a rate.")
    chunk_size: int = Field(256, ge=1, description="Notes classified in one transaction.")
    pseudonym_key: SecretStr | None = Field(
        None,
        min_length=8,
        description="When set, customer ids are stored as a keyed hash (HMAC-SHA256).",
    )
    repeat_call_satisfaction_loss: float = Field(
        0.15, ge=0, lt=1, description="Satisfaction lost with each further call (seed 004)."
    )
    net_queues: frozenset[str] = Field(
        frozenset(),
        description="Queues that no first line can resolve; net FCR leaves them out. A JSON list.",
    )
    net_reasons: frozenset[Reason] = Field(
        frozenset(), description="Reasons that no first line can resolve; a JSON list of ids."
    )
    contact_cost: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="What one contact costs, in shekels; prices the repeat contacts.",
    )
    error_cost: float = Field(
        1.0,
        ge=0,
        allow_inf_nan=False,
        description="Preventing one data error, in shekels: the 1 of 1-10-100 (seed 004).",
    )
    churn_horizon_days: int = Field(
        28, ge=7, le=365, description="Days ahead in which leaving is foretold, where outcomes are."
    )
    daily_calls: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Customers at risk that the desk can call in a day; five days are a week's.",
    )
    desk_url: str = Field(
        "http://127.0.0.1:8600",
        description="Address at which people open the desk; https:// where a proxy speaks TLS.",
    )
    session_idle_minutes: int = Field(
        60, ge=1, le=1440, description="Minutes without a request after which a session ends."
    )
    session_hours: int = Field(
        12, ge=1, le=168, description="Hours after which a session ends in any case."
    )
    oidc_issuer: str = Field(
        "", description="OpenID Connect provider; empty means passwords alone."
    )
    oidc_client_id: str = Field("", description="The desk's id at that provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="The desk's secret there.")
    oidc_claim: str = Field(
        "email", description="The claim of the provider's token that is a user's name here."
    )
    playbook: Path = Field(
        ROOT / "labels" / "playbook.yaml", description="What the desk advises for each reason."
    )
    case_hours: float = Field(
        8, gt=0, le=24 * 31, description="Hours after which a case left open is anybody's again."
    )
    second_reviews: float = Field(
        0.2, ge=0, le=1, description="Share of reviewed notes that two people label, apart."
    )
    threads: int = Field(0, ge=0, description="CPU threads of the classifier; 0 means all.")
    device: str = Field(
        "cpu",
        min_length=1,
        description="Where the classifier computes: cpu, or torch's name of a device, as cuda.",
    )

    @model_validator(mode="after")
    def _default_url(self) -> Self:
        if not self.database_url:
            url = f"sqlite:///{self.home / 'keshev.db'}"
            object.__setattr__(self, "database_url", url)
        return self

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone; write for example Asia/Jerusalem") from error
        return self

    @property
    def second_window_days(self) -> int:
        """The second window, which is never narrower than the first."""
        return max(self.window_days, self.wide_window_days)

    @property
    def called(self) -> int:
        """How many customers at risk are called until the next report, in five working days."""
        return CALLED if self.daily_calls is None else WORKING_DAYS * self.daily_calls

    @property
    def observed_until(self) -> datetime | None:
        """The end of observation as an aware moment; None means the newest contact."""
        if self.as_of is None or self.as_of.tzinfo is not None:
            return self.as_of
        return self.as_of.replace(tzinfo=ZoneInfo(self.timezone))

    @property
    def report_dir(self) -> Path:
        """Folder that the reports are written to."""
        return self.home / "reports"

    @property
    def audit_dir(self) -> Path:
        """Folder that the forms of audits are written to."""
        return self.home / "audits"


def read_settings(**given: object) -> Settings:
    """Return the environment's settings, with the given values in their place.

    Raises:
        SettingsError: naming the variable, when a value is not what it should be.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic looks at them
    except SourceError as error:
        raise SettingsError.of_source(str(error)) from None
    except ValidationError as error:
        problems = "; ".join(
            f"KESHEV_{'_'.join(map(str, problem['loc'])).upper() or 'TIMEZONE'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SettingsError(f"{problems}. Set or unset these environment variables.") from None
