"""The backend ``triton``, for CUDA devices: one kernel for each level and direction.

On a GPU the ``levels`` backend waits for the host, which starts some ten operations for a level.
Here a level is one kernel in the forward pass (gather, product, gates, states) and one in the
backward pass (gradients inside nodes, product, messages to the children). What is done once for
all nodes, W x and the gradients of weights, stays with torch, whose products are hard to beat.

A level's kernel has a program for each block of rows and of hidden columns, and that program
computes all gates of its columns. So levels with few nodes still occupy many processors, the gates
stay in registers, and a backward program recomputes the cheap gradients inside its nodes rather
than waiting for others. One kernel over all levels would start fewer, but its programs would have
to wait for each other in device memory, or read all of U again for each level on one processor.

Nothing in a run waits for the device: the bounds of levels are on the host (``Plan.bounds``). Sizes
of cells are constants of the compiled kernels, numbers of nodes are not, so that a cell is compiled
once for each of two sizes of blocks. Triton keeps the results on disk.
"""
