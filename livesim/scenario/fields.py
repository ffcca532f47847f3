"""The types of a scenario's fields: pydantic on the outside, :mod:`quantities` on the inside.

``Lever(kind)`` marks what the planner chooses (one number); ``Uncertain(kind)`` marks what nobody
may know yet (a number or a distribution). Both read and write the planner's own notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Final, NoReturn, Self, TypeAlias, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from livesim.errors import HIDDEN
from livesim.scenario import quantities as q
from livesim.scenario.currencies import decimals
from livesim.scenario.quantity_schema import plain, uncertain
from livesim.scenario.reading_uncertain import as_range, range_meant, read_quantity
from livesim.scenario.uncertain import Quantity, Spread, write_quantity

#: What an amount may differ by from one that can be paid, as a product of floats does [1].
_ROUNDING: Final = 1e-9


NEVER_CHANGED: Final = (
    "a scenario is never changed: scenario.with_changes({path: value}) returns another one"
)


class FrozenDict(dict[Any, Any]):
    """A dict that cannot be changed; two are equal if their entries are, in the same order.

    Examples
    --------
    >>> hash(FrozenDict(a=1)) == hash(FrozenDict(a=1)), FrozenDict(a=1) == {"a": 1}
    (True, True)
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(NEVER_CHANGED)

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __eq__(self, other: object) -> bool:
        """Compare the entries, and with another of its kind their order, too."""
        same_order = not isinstance(other, FrozenDict) or list(self) == list(other)
        return same_order and dict.__eq__(self, other)

    def __hash__(self) -> int:  # type: ignore[override]
        """Return the same for the same entries."""
        return hash(tuple(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[Any, Any]]]:
        """Be made anew from a dict."""
        return FrozenDict, (dict(self),)


class Part(BaseModel):
    """A part of a scenario: frozen to the bottom, strict, and closed to unknown keys."""

    # Only the wholes are read by themselves: to build what reads each part takes as long as theirs.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @model_validator(mode="after")
    def _freeze(self) -> Self:
        for name, value in self.__dict__.items():
            if type(value) is dict:
                self.__dict__[name] = FrozenDict(value)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to be changed, as a FrozenDict does."""
        if name in type(self).model_fields:
            raise TypeError(NEVER_CHANGED)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Refuse to be changed, as a FrozenDict does."""
        if name in type(self).model_fields:
            raise TypeError(NEVER_CHANGED)
        super().__delattr__(name)


class SchemaAsWritten(GenerateJsonSchema):
    """A JSON Schema whose examples keep their order: p10, likely, p90."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Refuse what is under another name than those of the pattern, as reading it does."""
        described = super().dict_schema(schema)
        return {"additionalProperties": "patternProperties" not in described, **described}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Give no field a title that only repeats its name."""
        return False

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Leave everything where it is."""
        return value


def required(meaning: str, *examples: Any, **more: Any) -> Any:
    """Return the field of a key that has to be said.

    Parameters
    ----------
    meaning
        What it means, with its unit in brackets.
    *examples
        Values that a file could give it.
    **more
        As for pydantic's `Field`.
    """
    return optional(meaning, *examples, default=..., **more)


def optional(meaning: str, *examples: Any, default: Any = None, **more: Any) -> Any:
    """Return the field of a key, as :func:`required`, that has a value where nobody says it."""
    return Field(default, description=meaning, examples=list(examples) or None, **more)


def mistake(what: str, remedy: str, *path: str) -> PydanticCustomError:
    """Return the error that pydantic carries to the reader as one of livesim's mistakes.

    Parameters
    ----------
    what, remedy
        What is wrong and how to mend it.
    path
        Names below the field or part that raises it.
    """
    # Pydantic formats the first argument; the texts travel as data so that braces survive.
    return PydanticCustomError("livesim", "{what}", {"what": what, "remedy": remedy, "path": path})


@dataclass(frozen=True)
class Lever:
    """Marks a field that the planner chooses: one plain number of a kind."""

    kind: q.Kind

    def read(self, value: object) -> float | int:
        """Read the number, refusing an uncertain one."""
        try:
            read = self.kind.read(value)
        except q.QuantityError as error:
            if isinstance(value, Mapping) or _is_range(value, self.kind):
                what = "this is chosen by the planner, so it must be one plain value"
                remedy = f"write {self.kind.ways}; to try several values, change it from run to run"
                raise mistake(f"{what}: {self.kind.name}", remedy) from None
            raise mistake(error.what, error.remedy, *error.path) from None
        return int(read) if self.kind.whole else read

    def _read_paid(self, value: object, info: ValidationInfo) -> float | int:
        """Read money that is paid as it stands, in the show's currency if it is known."""
        amount, currency = self.read(value), info.context
        if currency and amount:
            _refuse_what_cannot_be_paid(amount, currency)
        return amount

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read with the kind, write with the kind."""
        written = core_schema.plain_serializer_function_ser_schema(self.kind.write)
        if self.kind.paid:
            return core_schema.with_info_plain_validator_function(
                self._read_paid, serialization=written
            )
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the plain forms to editors."""
        return plain(self.kind)


def _refuse_what_cannot_be_paid(amount: float, currency: str) -> None:
    """Refuse more decimals than the currency has, which would make another amount of it."""
    places = decimals(currency)
    nearest = max(round(amount, places), 10**-places)
    if abs(amount - nearest) > _ROUNDING * amount:
        has = f"{places} decimals" if places else "no decimals"
        sized = not places and (amount * 1000).is_integer()
        thousands = f", or {q.MONEY.write(amount * 1000)} for thousands" if sized else ""
        raise mistake(
            f"{amount:.10g} cannot be paid in {currency}, which has {has}",
            f"write {q.MONEY.write(nearest)}{thousands}; a unit_cost may have more decimals",
        )


def _is_range(value: object, kind: q.Kind) -> bool:
    try:
        if isinstance(as_range(value, kind), Mapping):
            return True
    except q.QuantityError:
        return True
    return isinstance(value, str) and not kind.meanings(value) and bool(range_meant(value, kind))


@dataclass(frozen=True)
class Uncertain:
    """Marks a field that nobody may know yet: a number of a kind, or a distribution of it."""

    kind: q.Kind

    def read(self, value: object) -> Quantity:
        """Read the number or the distribution."""
        try:
            return read_quantity(value, self.kind)
        except q.QuantityError as error:
            raise mistake(error.what, error.remedy, *error.path) from None

    def write(self, quantity: Quantity) -> object:
        """Write the number or the distribution."""
        return write_quantity(quantity, self.kind)

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read and write with the kind."""
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(self.write),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the plain and the uncertain forms to editors."""
        return uncertain(self.kind)


def kind_of(field: FieldInfo | None) -> q.Kind:
    """Return the kind of an uncertain quantity that a field holds, in a mapping or by itself.

    Raises
    ------
    ValueError
        If the field can hold none.
    """
    for part in () if field is None else types_within(*field.metadata, field.annotation):
        if isinstance(part, Uncertain):
            return part.kind
    raise ValueError("this field holds no uncertain quantity")


def types_within(*types: Any) -> Iterator[Any]:
    """Yield types, and what they and their parts are made of."""
    waiting = [*types]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += get_args(part)


def fields_at(model: type[Part], path: Sequence[str | int]) -> dict[str, FieldInfo]:
    """Return the fields of the part at a path, if a part is there."""
    at: Any = model
    for step in path:
        at = below(at, step)
    at = unwrapped(at)
    return at.model_fields if isinstance(at, type) and issubclass(at, Part) else {}


def below(annotation: Any, step: str | int) -> Any:
    """Return the type of what stands under a name of a part, or of named parts, or of either."""
    for choice in _choices(annotation):
        if isinstance(choice, type) and issubclass(choice, Part):
            if str(step) in choice.model_fields:
                return choice.model_fields[str(step)].annotation
        elif get_origin(choice) is dict:
            return get_args(choice)[-1]
    return None


def unwrapped(annotation: Any) -> Any:
    """Take the None out of ``X | None``; of a part or several, return the part."""
    return next(choice for choice in _choices(annotation) if choice is not type(None))


def _choices(annotation: Any) -> tuple[Any, ...]:
    either = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if either else (annotation,)


#: How a moment is written: a date with a time of day.
_MOMENT: Final = "2026-11-29 20:00"


def read_moment(value: object) -> datetime:
    """Read a date with a time of day, written ``2026-11-29 20:00``."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) >= len(_MOMENT):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    raise mistake(f"{value!r} is not a date with a time", f"write {_with_time(value)}")


def _write_moment(value: datetime) -> str:
    """Write the moment so that reading it gives it back."""
    return value.isoformat(sep=" ", timespec="minutes" if value.second == 0 else "seconds")


def _with_time(value: object) -> str:
    """Return how to write a date: its own with a time of day, if it is one."""
    with suppress(ValueError):
        return f"its time of day, too: {date.fromisoformat(str(value))} 12:00"
    for clock in ("%I:%M %p", "%I:%M%p", "%I%p", "%I %p"):
        with suppress(ValueError):
            return datetime.strptime(str(value), f"%Y-%m-%d {clock}").strftime("%Y-%m-%d %H:%M")
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", str(value)):
        return f"a day and a time that there are, as {_MOMENT}"
    return f"year, month, day and time of day, as {_MOMENT}"


@dataclass(frozen=True)
class Line:
    """Marks a text of one line in which everything can be seen: it goes into titles and tables."""

    most: int = 1_000

    def read(self, text: str) -> str:
        """Read the text."""
        odd = _NOT_IN_LINES.search(text)
        if odd is not None:
            raise mistake(
                f"a character of this text cannot be seen (U+{ord(odd[0]):04X})",
                "write the text on one line, without control characters",
            )
        if len(text) > self.most:
            what = f"a text of {len(text):,} characters; the limit is {self.most:,}"
            raise mistake(what, "shorten it, or put it into a comment: # …")
        return text

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read a text, and write it as it is."""
        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe it to editors."""
        return {"type": "string", "maxLength": self.most, "pattern": "^[^\\u0000-\\u001f]*$"}


_NOT_IN_LINES = re.compile(rf"{HIDDEN.pattern}|[\n\t]")


def _bare(label: str) -> str:
    if not label or label != label.strip():
        raise mistake(f"{label!r} is blank, or begins or ends with a blank", "write what is read")
    return label


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Goods: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=121)
]
"""A product, or ``product.variant``."""
Names: TypeAlias = Annotated[
    tuple[Name, ...],
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
    PlainSerializer(list, return_type=list[str]),
]
Text: TypeAlias = Annotated[str, Line()]
Title: TypeAlias = Annotated[str, Line(most=200)]
Label: TypeAlias = Annotated[str, Line(most=60), AfterValidator(_bare)]
Texts: TypeAlias = Annotated[
    tuple[Text, ...], Field(strict=False), PlainSerializer(list, return_type=list[str])
]
Date: TypeAlias = Annotated[
    datetime,
    PlainValidator(read_moment),
    PlainSerializer(_write_moment),
    WithJsonSchema(
        {"type": "string", "minLength": len(_MOMENT), "pattern": "^[0-9]{4}", "examples": [_MOMENT]}
    ),
]

Duration: TypeAlias = Annotated[float, Lever(q.DURATION)]
PositiveDuration: TypeAlias = Annotated[float, Lever(q.POSITIVE_DURATION)]
Count: TypeAlias = Annotated[int, Lever(q.COUNT)]
PositiveCount: TypeAlias = Annotated[int, Lever(q.POSITIVE_COUNT)]
MoreThan: TypeAlias = Annotated[int, Lever(q.MORE_THAN)]
Share: TypeAlias = Annotated[float, Lever(q.SHARE)]
Money: TypeAlias = Annotated[float, Lever(q.MONEY)]
Fee: TypeAlias = Annotated[float, Lever(q.FEE)]
Worth: TypeAlias = Annotated[float, Lever(q.WORTH)]
Price: TypeAlias = Annotated[float, Lever(q.PRICE)]
UnitPrice: TypeAlias = Annotated[float, Lever(q.UNIT_PRICE)]
Volume: TypeAlias = Annotated[float, Lever(q.VOLUME)]
Rate: TypeAlias = Annotated[float, Lever(q.POSITIVE_RATE)]

UncertainDuration: TypeAlias = Annotated[Quantity, Uncertain(q.DURATION)]
UncertainPositiveDuration: TypeAlias = Annotated[Quantity, Uncertain(q.POSITIVE_DURATION)]
UncertainCount: TypeAlias = Annotated[Quantity, Uncertain(q.COUNT)]
UncertainShare: TypeAlias = Annotated[Quantity, Uncertain(q.SHARE)]
UncertainPositiveShare: TypeAlias = Annotated[Quantity, Uncertain(q.POSITIVE_SHARE)]
UncertainEarlyShare: TypeAlias = Annotated[Quantity, Uncertain(q.EARLY_SHARE)]
UncertainPartialShare: TypeAlias = Annotated[Quantity, Uncertain(q.PARTIAL_SHARE)]
UncertainFactor: TypeAlias = Annotated[Quantity, Uncertain(q.FACTOR)]
UncertainLift: TypeAlias = Annotated[Quantity, Uncertain(q.LIFT)]
UncertainFit: TypeAlias = Annotated[Quantity, Uncertain(q.FIT)]
#: What differs among many: written like an uncertain quantity, but never drawn for all of a show.
VariedCount: TypeAlias = Annotated[
    Spread,
    Uncertain(q.COUNT),
    AfterValidator(Spread),
    PlainSerializer(lambda spread: write_quantity(spread.quantity, q.COUNT)),
]
UncertainRate: TypeAlias = Annotated[Quantity, Uncertain(q.RATE)]
UncertainAmount: TypeAlias = Annotated[Quantity, Uncertain(q.AMOUNT)]
UncertainElasticity: TypeAlias = Annotated[Quantity, Uncertain(q.ELASTICITY)]
