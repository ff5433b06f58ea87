"""Every code the API can refuse with: its status and what it means, once for all operations.

The sentences are message ids: the document of the API has them in English, its page in the reader's language.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop

STATUSES: Mapping[str, int] = {
    "key-missing": 401,
    "key-unknown": 401,
    "key-revoked": 401,
    "key-expired": 401,
    "token-expired": 401,
    "not-found": 404,
    "length-missing": 411,
    "body-too-big": 413,
    "too-many-calls": 429,
    "too-many-guesses": 429,
    "provider-busy": 503,
    "unavailable": 503,
    "broken": 500,
}
OTHERS = 422  # whatever an action refuses

MEANINGS: Mapping[str, str] = {
    # of a call
    "key-missing": gettext_noop("The call has no key. Send the header “Authorization: Bearer <key>”."),
    "key-unknown": gettext_noop("This key is not one of ours. Compare it with what was handed over."),
    "key-revoked": gettext_noop("This key was revoked. Ask the office for another one."),
    "key-expired": gettext_noop("The last day of this key is over. Ask the office for another one."),
    "token-expired": gettext_noop("This token is over, or not one of ours. Ask for another one with your key."),
    "too-many-calls": gettext_noop(
        "This key calls too often; unless the installation says otherwise, ten calls a second over a while are allowed. Wait as many "
        "seconds as “Retry-After” says; a call takes 1,000 records."
    ),
    "not-found": gettext_noop("There is nothing at this address, or it is not within the reach of this key."),
    "body-too-big": gettext_noop("The body is larger than 5 MB. Send fewer records in one call."),
    "length-missing": gettext_noop("The call does not say how long its body is. Send “Content-Length”; bodies in chunks are not read."),
    "body-not-json": gettext_noop("The body is not valid JSON in UTF-8. Nothing was stored."),
    "records-missing": gettext_noop("The body is not an object with a list “records”."),
    "records-out-of-range": gettext_noop("A call takes 1 to 1,000 records."),
    "provider-suspended": gettext_noop("The office has suspended this platform. Ask the office."),
    "provider-busy": gettext_noop(
        "A large sheet of this platform is going in or being taken back just now. Nothing was stored; send the same again after as "
        "many seconds as “Retry-After” says."
    ),
    "parameter-unreadable": gettext_noop("A parameter of the address cannot be read; “parameter” names it."),
    "parameter-unknown": gettext_noop("There is no such parameter here; “parameter” names it. Nothing is ignored silently."),
    "limit-out-of-range": gettext_noop("A page has 1 to 1,000 rows."),
    "cursor-unknown": gettext_noop("This cursor did not come from a page of this list. Begin without one."),
    "too-many-guesses": gettext_noop("Too many numbers that do not exist were asked for from this network in this hour."),
    "sandbox-only": gettext_noop("This key works in earnest. Ask the office for a key of your sandbox."),
    "date-out-of-range": gettext_noop("The date lies before 2000 or after 2099."),
    "days-out-of-range": gettext_noop("The days are more than a year apart, or the last is before the first."),
    "programme-without-version": gettext_noop("No document of this programme has been published yet, so nobody stands anywhere."),
    "unavailable": gettext_noop("The database does not answer just now. Nothing was stored; send the same again later."),
    "broken": gettext_noop("Our fault. Nothing was stored; quote “reference” when you tell us."),
    # of one record
    "row-not-object": gettext_noop("The record is not a JSON object."),
    "field-unknown": gettext_noop("There is no such field; “field” names it. Nothing is ignored silently."),
    "field-not-text": gettext_noop("The field “field” must be text."),
    "field-unreadable": gettext_noop("The field “field” cannot be read: a wrong type, or a character that cannot be stored."),
    "id-missing": gettext_noop("The record has no id of its own."),
    "id-too-long": gettext_noop("The id has more than 80 characters."),
    "id-reserved": gettext_noop("Ids that begin with “void:” or “restored:” are given by the office. Choose another."),
    "person-missing": gettext_noop("“person_type” and “person_number” must say whose the record is."),
    "mode-unknown": gettext_noop("“mode” is none of the modes listed at the field."),
    "derived-kind": gettext_noop("Hours for results are earned by results; nobody delivers them."),
    "course-missing": gettext_noop("“course” is empty."),
    "text-too-long": gettext_noop("The text in “field” is longer than “longest” characters."),
    "time-missing": gettext_noop("“starts_at” and “ends_at” are both needed."),
    "time-without-zone": gettext_noop("A time has no offset. Write it as 2026-03-07T09:30:00+08:00."),
    "ends-before-start": gettext_noop("“ends_at” is before “starts_at”."),
    "in-the-future": gettext_noop("The event ends later than now. Send it when it is over."),
    "too-long-ago": gettext_noop("The event begins before the year 2000."),
    "minutes-missing": gettext_noop("Neither “minutes” nor “periods” was sent."),
    "minutes-and-periods": gettext_noop("Both “minutes” and “periods” were sent; send one of them."),
    "minutes-out-of-range": gettext_noop("Minutes are below 0, or more than a month has."),
    "periods-not-agreed": gettext_noop("No length of a period is agreed with this platform. Send minutes."),
    "periods-too-fine": gettext_noop("Periods have at most two decimals."),
    "fraction-of-minute": gettext_noop("So many periods are not whole minutes at the agreed length."),
    "conflict": gettext_noop(
        "This id was sent before with other content. Nothing was changed; to correct it, name it in “supersedes”."
    ),
    "supersedes-unknown": gettext_noop("There is no record with the id in “supersedes”."),
    "supersedes-void": gettext_noop("The id in “supersedes” voids another record; it cannot be corrected."),
    "person-erased": gettext_noop("The person of the record in “supersedes” has been erased: it cannot be corrected any more."),
    "already-superseded": gettext_noop("The record in “supersedes” or “voids” was corrected or voided already; “id” names it."),
    "void-unknown": gettext_noop("There is no record with the id in “voids”."),
    "not-finished": gettext_noop("The statement does not say that the course was finished (“result.completion”)."),
    "not-passed": gettext_noop("The statement does not say that the course was passed (“result.success”)."),
    "score-too-low": gettext_noop("The scaled score of the statement is missing, or below “least”."),
    "duration-missing": gettext_noop("The statement has no “result.duration”, or one in years or months."),
    "statement-unreadable": gettext_noop("No record can be made of the statement; tell us, it is in our log."),
    "account-not-agreed": gettext_noop("It is not agreed with the office whose accounts those of the home page “home” are."),
    "days-missing": gettext_noop("“days” is empty."),
    "too-many-days": gettext_noop("More than “most” days in one call."),
    "day-twice": gettext_noop("A day was sent twice."),
    "day-out-of-range": gettext_noop("The day “on” lies before 2000, or is still to come."),
    "number-out-of-range": gettext_noop("A number of the day “on” is below 0, or too large."),
}  # fmt: skip


def status_of(code: str) -> int:
    """The HTTP status that goes with a code."""
    return STATUSES.get(code, OTHERS)
