"""A step of the optimizer: a batch, its gradients, the update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from treernn.training.loop.parallel import Replica, Workers, shares
from treernn.training.loop.precision import fast_products, mixed
from treernn.training.loop.task import Prepared, Task
from treernn.transfer import to_device


class Share(NamedTuple):
    """What a process computes of a batch.

    Attributes:
        parts: one after another, on the model's device.
        divisor: of their losses, before the backward pass.
        counts: False if the batch has no example for this process: it computes one of another
            process, because all take part in a step, but neither its loss nor its gradients count.
    """

    parts: list[Prepared]
    divisor: float
    counts: bool = True


def prepare(task: Task, workers: Workers, batch: Sequence[int]) -> Share:
    """The share of a process, on its model's device."""
    count = workers.count * task.settings.accumulation_steps
    own = [batch]
    if count > 1:
        sizes = task.sizes(batch)
        cut = shares(sizes, count)[workers.rank :: workers.count]
        own = [[batch[i] for i in part] for part in cut if part]
    counts = bool(own)
    if not counts:
        own = [[batch[sizes.index(min(sizes))]]]
    device = task.model.device
    with mixed(task.settings.precision, device):  # a partly frozen encoder may run
        parts = [to_device(task.prepare(part), device) for part in own]
    # DistributedDataParallel takes the mean over the processes.
    return Share(parts, task.divisor(batch) / workers.count, counts)


def train_step(task: Task, batch: Sequence[int], progress: float) -> float:
    """One step of this process alone, see ``step``; returns the loss, for which it waits."""
    alone = Workers()
    return step(Replica(task, alone), prepare(task, alone, batch), progress).item()


def step(replica: Replica, share: Share, progress: float) -> Tensor:
    """One optimizer step: loss, backward pass, gradient clipping, learning rates, update.

    The gradients stay until the next step. On a GPU the step is only started.

    Args:
        replica: model and optimizers of its task change in place, in all processes alike.
        share: of this process.
        progress: fraction of training completed, 0 to 1.

    Returns:
        The loss summed over the share, in nats.
    """
    task = replica.task
    loss = set_gradients(replica, share)
    groups = [group for optimizer in task.optimizers for group in optimizer.param_groups]
    if task.settings.max_grad_norm:
        weights = [weight for group in groups for weight in group["params"]]
        dense = [each for each in weights if each.grad is not None and not each.grad.is_sparse]
        nn.utils.clip_grad_norm_(dense, task.settings.max_grad_norm)  # NaN shows in the loss
    factor = task.settings.learning_rate_factor(progress)
    for group in groups:
        group["lr"] = group.setdefault("initial_lr", group["lr"]) * factor
    for optimizer in task.optimizers:
        optimizer.step()
    return loss


def set_gradients(replica: Replica, share: Share) -> Tensor:
    """Set the gradients to those of the mean loss of a whole batch, and return the loss of the
    share."""
    task = replica.task
    precision, device = task.settings.precision, task.model.device
    task.model.zero_grad()
    losses = []
    with fast_products(precision, device):
        for number, part in enumerate(share.parts, 1):
            with mixed(precision, device):
                scores = replica.scores(part.inputs, last=number == len(share.parts))
            scores = scores.float() if scores.dtype == torch.bfloat16 else scores
            if share.counts:
                loss = task.total_loss(scores, part)
                (loss / share.divisor).backward()
            else:
                loss = scores.new_zeros(())
                scores.backward(torch.zeros_like(scores))
            losses.append(loss.detach())
    replica.sum_tables()
    return sum(losses[1:], losses[0])
