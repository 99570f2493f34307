"""HTTP: scores as JSON, CoreNLP's API, and a page; a pool of processes that hold the models."""
