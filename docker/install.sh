#!/bin/sh
# The steps of the image: treernn with its server, in a virtual environment of its own.
# Usage: docker/install.sh FOLDER, in the root of the sources.
set -eu
folder=$1
python=${PYTHON:-python3}
# The CPU build: the default build for Linux brings several GB of CUDA. See the Makefile.
torch=${TORCH:-torch==2.13.0+cpu}
"$python" -m venv "$folder"
index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}  # PyPI has no CPU builds for Linux
install_torch() {
    "$folder/bin/python" -m pip install --quiet --no-cache-dir "$torch" -c constraints.txt "$@"
}
install_torch 2>/dev/null || install_torch --extra-index-url "$index" || {
    echo "pip finds no $torch, in $index neither; the build for all: TORCH=torch==2.13.0" >&2
    exit 1
}
"$folder/bin/python" -m pip install --quiet --no-cache-dir -c constraints.txt ".[server,excel]"
