"""What can go wrong, in the clinic's words."""

from collections.abc import Sequence


class ClinicError(Exception):
    """A thing that the clinic's rules refuse; `app.errors` knows the page for each kind."""


class FaultyPack(ClinicError):
    """A condition pack has faults; `faults` lists every one of them in words."""

    def __init__(self, pack: str, faults: Sequence[str]) -> None:
        self.pack = pack
        self.faults = tuple(faults)
        super().__init__(pack, faults)

    def __str__(self) -> str:
        return f"{self.pack}: {len(self.faults)} faults\n  " + "\n  ".join(self.faults)


class NotFound(ClinicError):
    """There is no such record, or not for this person."""


class LinkEnded(NotFound):
    """This address opens nothing: it never did, it was given anew, or its time is over."""


class NotAllowedNow(ClinicError):
    """The record's present state does not allow this event."""

    def __init__(self, machine: str, status: str, event: str) -> None:
        self.machine, self.status, self.event = machine, status, event
        super().__init__(f"{event} is not possible while the {machine} is {status}")


class AlreadyChanged(ClinicError):
    """A colleague changed the record between our reading and our writing."""


class AlreadySent(ClinicError):
    """The enquiry was sent before; what comes now is not part of the request."""


class SlotTaken(ClinicError):
    """Somebody booked that time a moment ago."""


class NotOffered(ClinicError):
    """Nobody can be visited at that time: outside the hours, closed, too far away, or past."""


class ReasonMissing(ClinicError):
    """This act needs a reason, and none was given."""


class EmergencyInBulk(ClinicError):
    """An emergency is never one of many; `references` are those that were."""

    def __init__(self, references: Sequence[str]) -> None:
        self.references = tuple(references)
        super().__init__(f"{len(self.references)} emergencies among others")


class TooMany(ClinicError):
    """There are as many of these as there may be."""


class AddressMissing(ClinicError):
    """A message has nobody to go to."""
