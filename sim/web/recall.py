"""Questions from finished cases, asked again when they fall due; the learner grades the answer."""

from __future__ import annotations

from sim.attempts.recall import GRADED, Asked, grounds
from sim.web.frame import button, form, hidden, page, section
from sim.words.markup import Markup, tag


def question_page(asked: Asked, left: int) -> str:
    """Return one question; `left` is how many are due, this one included."""
    answer = tag("label", "Your answer", tag("textarea", "", name="answer", rows=4, maxlength=4000))
    ask = form("/recall", *_which(asked), answer, button("Show the model answer"))
    return page("Questions", _head(left), section("Do you remember?", tag("p", asked.question.ask), ask))


def answer_page(asked: Asked, answer: str, left: int) -> str:
    """Return the model answer beside what was answered, to be graded."""
    given = tag("p", answer) if answer else tag("p", "You wrote nothing.", class_="quiet")
    grades = [form("/recall", *_which(asked), hidden("answer", answer), hidden("grade", grade),
                   button(grade.capitalize())) for grade in GRADED]  # fmt: skip
    rests = [tag("p", ground, class_="quiet") for ground in grounds(asked)]
    return page("Questions", _head(left), section("You answered", given), section("Model answer",
                tag("p", asked.question.answer), rests), section("How well did you know it?",
                tag("div", grades, class_="row")))  # fmt: skip


def nothing_page(following: str) -> str:
    """Return that nothing is due; `following` is the day when something is, or empty."""
    words = f"Nothing is due today. The next question is due on {following}." if following else "Nothing is due today."
    return page("Questions", _head(0), tag("p", words))


def _which(asked: Asked) -> tuple[Markup, Markup]:
    return hidden("case", asked.card.case_id), hidden("question", asked.card.question)


def _head(left: int) -> Markup:
    count = f"{left} to answer" if left else ""
    back = tag("a", "Back to the cases", href="/")
    return tag("header", tag("h1", "Questions"), tag("p", count, " ", back), class_="who")
