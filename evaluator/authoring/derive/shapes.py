"""What the model is asked to reply, step by step. The source stands first, so that the model looks before it writes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_CLOSED = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


class CriterionItem(BaseModel):
    """One criterion, without examples."""

    model_config = _CLOSED

    source: str = Field(description="verbatim span of the model answer")
    id: str = Field(description="two to four words in lower case, joined by hyphens")
    statement: str = Field(description="one sentence that begins with 'The answer'")
    points: list[str] = Field(description="one to three yes/no checks, each beginning with 'The answer'")
    weight: int = Field(description="1 to 5")
    themes: list[str]
    advice: str = Field(description="one sentence to the candidate")


class CriteriaReply(BaseModel):
    """The reply of the first step."""

    model_config = _CLOSED

    criteria: list[CriterionItem]


class ExamplesReply(BaseModel):
    """The reply of the second step, for one criterion or red flag."""

    model_config = _CLOSED

    accept: list[str] = Field(description="things a candidate says that make every point true")
    reject: list[str] = Field(description="things a candidate says that sound close and do not")


class RedFlagItem(BaseModel):
    """One red flag, without examples."""

    model_config = _CLOSED

    id: str = Field(description="two to four words in lower case, joined by hyphens")
    statement: str = Field(description="one sentence that begins with 'The answer'")
    penalty: int = Field(description="5 to 30")
    advice: str = Field(description="one sentence to the candidate")


class RedFlagsReply(BaseModel):
    """The reply of the third step."""

    model_config = _CLOSED

    red_flags: list[RedFlagItem]
