"""The inline keyboards under jobs and their results, and those for a person."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.jobs.queue import Job
from bot.orders import STRENGTHS, STROKES, Order, StyleKind, step_from
from bot.taps import Act, Tap
from bot.texts import Texts
from stylize import Colours

IN_A_ROW = 5  # numbers


def result_buttons(job: Job, as_file: bool, texts: Texts) -> InlineKeyboardMarkup:
    """What can be done with a result; one that is a file needs no "as file", one without strokes neither a stroke size
    nor finest quality, and one in finest quality is that already. In groups no style is kept for photos to come."""
    order = job.order
    strengths = [
        _job_button(texts(key), act, job.id)
        for key, act, by in (("button-softer", Act.SOFTER, -1), ("button-stronger", Act.STRONGER, 1))
        if step_from(STRENGTHS, order.strength, by) is not None
    ]
    strokes = [
        _job_button(texts(key), act, job.id)
        for key, act, by in (("button-finer", Act.FINER, -1), ("button-broader", Act.BROADER, 1))
        if order.colours != Colours.ONLY and step_from(STROKES, order.stroke_size, by) is not None
    ]
    last = [_job_button(texts("button-colours"), Act.COLOURS, job.id)]
    if not as_file:
        last.append(_job_button(texts("button-file"), Act.FILE, job.id))
    keep = [_job_button(texts("button-keep"), Act.KEEP, job.id)] if order.private else []
    if order.style.kind is not StyleKind.PRESET:
        keep.insert(0, _job_button(texts("button-save"), Act.SAVE, job.id))
    another = [_job_button(texts("button-another"), Act.ANOTHER, job.id)]
    if not order.finest and order.colours != Colours.ONLY:
        another.append(_job_button(texts("button-finest"), Act.FINEST, job.id))
    return InlineKeyboardMarkup([row for row in (another, strengths, strokes, last, keep) if row])


def colour_buttons(job: Job, texts: Texts) -> InlineKeyboardMarkup:
    """Whose colours the picture is to wear, with a mark on those that it wears."""
    choices = [
        _job_button(
            ("● " if colours == job.order.colours else "") + texts(f"button-colours-{colours}"),
            Act.COLOURS,
            job.id,
            colours,
        )
        for colours in Colours
    ]
    back = _job_button(texts("button-back"), Act.BACK, job.id)
    return InlineKeyboardMarkup([[choice] for choice in (*choices, back)])


def stop_button(job_id: int, order: Order, texts: Texts) -> InlineKeyboardMarkup | None:
    """Under the status of a picture that takes long enough to be stopped; every edit has to bring it again."""
    if not order.finest:
        return None
    return InlineKeyboardMarkup([[_job_button(texts("button-stop"), Act.STOP, job_id)]])


def resend_button(job: Job, texts: Texts) -> InlineKeyboardMarkup:
    """For a result that may not have arrived."""
    return InlineKeyboardMarkup([[_job_button(texts("button-resend"), Act.RESEND, job.id)]])


def retry_button(job_id: int, texts: Texts) -> InlineKeyboardMarkup:
    """For an order that was refused for now."""
    return InlineKeyboardMarkup([[_job_button(texts("button-retry"), Act.RETRY, job_id)]])


def delete_buttons(person_id: int, texts: Texts) -> InlineKeyboardMarkup:
    """Delete all of this person, or not."""
    choices = (("button-delete-all", Act.DELETE_ALL), ("button-keep-all", Act.KEEP_ALL))
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(texts(key), callback_data=Tap(act, person_id).encode())] for key, act in choices]
    )


def last_photo_button(draft_id: int, texts: Texts) -> InlineKeyboardMarkup:
    """Paint the photo of before with the words that just came."""
    tap = Tap(Act.LAST_PHOTO, draft_id)
    return InlineKeyboardMarkup([[InlineKeyboardButton(texts("button-last-photo"), callback_data=tap.encode())]])


def keep_no_more_button(person_id: int, texts: Texts) -> InlineKeyboardMarkup:
    """Paint the next photos as one asks for each."""
    tap = Tap(Act.KEEP_NO_MORE, person_id)
    return InlineKeyboardMarkup([[InlineKeyboardButton(texts("button-keep-no-more"), callback_data=tap.encode())]])


def history_buttons(jobs: Sequence[Job]) -> InlineKeyboardMarkup:
    """A number for each result of the list."""
    buttons = [_job_button(str(number), Act.AGAIN, job.id) for number, job in enumerate(jobs, start=1)]
    return InlineKeyboardMarkup([buttons[start : start + IN_A_ROW] for start in range(0, len(buttons), IN_A_ROW)])


def _job_button(label: str, act: Act, job_id: int, argument: str = "") -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=Tap(act, job_id, argument).encode())
