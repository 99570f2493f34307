import threading

import torch

from treernn.cells.tape import borrow, give_back

LIKE = torch.zeros(1, dtype=torch.double)


def test_buffers_are_reused_and_grow():
    workspace = borrow(LIKE)
    first = workspace.take("a", 3, 4)
    assert first.shape == (3, 4)
    assert first.dtype == torch.double
    smaller = workspace.take("a", 2, 2)
    assert smaller.data_ptr() == first.data_ptr()
    larger = workspace.take("a", 50, 2)
    assert larger.shape == (50, 2)
    assert workspace.take("b", 3).data_ptr() != larger.data_ptr()
    give_back(workspace)
    assert borrow(LIKE) is workspace


def test_a_borrowed_workspace_is_not_shared():
    one, two = borrow(LIKE), borrow(LIKE)
    assert one is not two
    assert borrow(LIKE.float()) not in (one, two)


def test_a_workspace_returns_to_the_thread_that_borrowed_it():
    """torch runs the backward pass on another device in another thread."""
    workspace = borrow(LIKE)
    thread = threading.Thread(target=give_back, args=(workspace,))
    thread.start()
    thread.join()
    assert borrow(LIKE) is workspace


def test_training_can_use_buffers_made_in_inference_mode():
    with torch.inference_mode():
        buffer = borrow(torch.zeros(1)).take("a", 1000)
    assert not buffer.is_inference()
