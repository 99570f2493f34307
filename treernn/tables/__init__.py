"""Files and streams of rows: scored in chunks, in order, every row once."""
