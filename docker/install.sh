#!/bin/sh
# The steps of the image: treernn with its server, in a virtual environment of its own.
# Usage: docker/install.sh FOLDER, in the root of the sources.
set -eu
folder=$1
python=${PYTHON:-python3}
# The CPU build: the default build for Linux brings several GB of CUDA. See the Makefile.
torch=${TORCH:-torch==2.13.0+cpu}
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --no-cache-dir "$torch" -c constraints.txt || {
    echo "pip finds no $torch: let PIP_EXTRA_INDEX_URL name the index of CPU builds" \
        '(see "Get started" on the PyTorch site), or set TORCH=torch==2.13.0' >&2
    exit 1
}
"$folder/bin/python" -m pip install --quiet --no-cache-dir -c constraints.txt ".[server,excel]"
