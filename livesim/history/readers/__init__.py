"""From files to rows: what is in a file, which export it is, and what its cells say."""
