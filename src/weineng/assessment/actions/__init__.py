"""What can be done in assessment."""

from weineng.assessment.actions.acceptances import (
    accept_people,
    ask_acceptance,
    refuse_person,
    refuse_school,
    sign_acceptance,
    stop_asking,
    take_back_acceptance,
    take_back_person,
)
from weineng.assessment.actions.arranging import (
    approve_mode,
    end_mode,
    hand_over_stage,
    propose_mode,
    return_mode,
    take_stage_back,
    withdraw_mode,
)
from weineng.assessment.actions.erasing import erase_from_assessment
from weineng.assessment.actions.imports import ResultOutcome, ResultRow, import_results
from weineng.assessment.actions.recusals import end_recusal, recuse_reviewer
from weineng.assessment.actions.results import overturn_result, reassign_review
from weineng.assessment.actions.reviews import (
    add_phrase,
    drop_phrase,
    finish_review,
    open_review,
    reopen_review,
    return_dossier,
    save_ratings,
)
from weineng.assessment.actions.samples import draw_sample, drop_sample, frame_sample, stop_sample
from weineng.assessment.actions.settle import release_reviews, settle_results
from weineng.assessment.actions.sheets import take_back_results

__all__ = [
    "ResultOutcome",
    "ResultRow",
    "accept_people",
    "add_phrase",
    "approve_mode",
    "ask_acceptance",
    "draw_sample",
    "drop_phrase",
    "drop_sample",
    "end_mode",
    "end_recusal",
    "erase_from_assessment",
    "finish_review",
    "frame_sample",
    "hand_over_stage",
    "import_results",
    "open_review",
    "overturn_result",
    "propose_mode",
    "reassign_review",
    "recuse_reviewer",
    "refuse_person",
    "refuse_school",
    "release_reviews",
    "reopen_review",
    "return_dossier",
    "return_mode",
    "save_ratings",
    "settle_results",
    "sign_acceptance",
    "stop_asking",
    "stop_sample",
    "take_back_acceptance",
    "take_back_person",
    "take_back_results",
    "take_stage_back",
    "withdraw_mode",
]
