"""What can be done with certificates."""

from weineng.certification.actions.awarding import award_due
from weineng.certification.actions.checking import check_certificate
from weineng.certification.actions.deciding import reissue_certificate, revoke_certificate
from weineng.certification.actions.erasing import erase_from_certification
from weineng.certification.actions.keys import rotate_signing_key

__all__ = [
    "award_due",
    "check_certificate",
    "erase_from_certification",
    "reissue_certificate",
    "revoke_certificate",
    "rotate_signing_key",
]
