"""A move from one strategy to the other that cuts nobody off: both edges serve while grants of before run out.

PREPARING  the other edge gets keys, secret and path; grants are as before
BOTH       new grants carry the organization's signature and its token, and hold at either edge
SWITCHING  every grant of before has ended: the hosts go over
SETTLING   grants are the new strategy's alone; when the last of before has ended, the edge that was left lets go

The template of distribution tenants trusts the organization's own key group as long as a move lasts. It asks for the
token besides, so that opens nothing of anybody else.
"""

from __future__ import annotations

from core.clock import now
from media.edge.control import EdgeControl
from media.edge.grants import ALL_ENDED_AFTER
from media.edge.interface import CannotMove, NoKeyGroup
from media.models.keys import EdgeBinding, other_strategy

_Phase = EdgeBinding.Phase
_State = EdgeBinding.State


def begin(binding: EdgeBinding, strategy: str, control: EdgeControl, *, pool: str = "") -> None:
    """Begin to move to ``strategy``. Of a move that has not switched yet, the old strategy calls it off.

    ``pool`` is the shared distribution to go to; without it, the first with room.

    Raises:
        NoKeyGroup: the organization's media are switched off. CannotMove: says why.
    """
    if strategy not in EdgeBinding.Strategy.values:
        raise CannotMove(f"There is no strategy {strategy}.")
    if binding.state == _State.REVOKED:
        raise NoKeyGroup(f"The media of {binding.organization_id} are switched off.")
    if binding.phase in (_Phase.PREPARING, _Phase.BOTH) and strategy == binding.strategy:
        _enter(binding, _Phase.SETTLING)  # grants that hold at both edges run out first
        return
    if binding.phase:
        raise CannotMove(f"A move is under way: {binding.phase}.")
    if strategy == binding.strategy:
        raise CannotMove(f"It is served as {strategy} already.")
    if binding.state != _State.DEPLOYED:
        raise CannotMove("The edge does not serve it yet.")
    binding.other_pool = control.place(binding, strategy, pool=pool)
    if not binding.other_pool:
        raise CannotMove(
            f"The distribution {pool} has no room for one more."
            if pool
            else f"There is no distribution with room for one more {strategy}."
        )
    _enter(binding, _Phase.PREPARING)


def advance(binding: EdgeBinding, control: EdgeControl) -> bool:
    """Go on by a step where that is time; return whether it did. Safe to call whenever."""
    if binding.state == _State.REVOKED or binding.phase_since is None:
        return False
    waited = now() - binding.phase_since >= ALL_ENDED_AFTER
    if binding.phase == _Phase.PREPARING and control.stands(binding):
        _enter(binding, _Phase.BOTH)
    elif binding.phase == _Phase.BOTH and waited:
        _enter(binding, _Phase.SWITCHING)
    elif binding.phase == _Phase.SWITCHING and control.stands(binding):
        binding.strategy = other_strategy(binding.strategy)
        binding.pool, binding.other_pool = binding.other_pool, binding.pool
        _enter(binding, _Phase.SETTLING)
    elif binding.phase == _Phase.SETTLING and waited:
        binding.other_pool = ""
        _enter(binding, _Phase.NONE)
    else:
        return False
    return True


def both_hold(binding: EdgeBinding) -> bool:
    """Return whether grants have to hold at both edges now."""
    return binding.phase in (_Phase.BOTH, _Phase.SWITCHING)


def _enter(binding: EdgeBinding, phase: str) -> None:
    binding.phase, binding.phase_since = phase, now() if phase else None
