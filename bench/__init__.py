"""What Lendchain measures, against whom. `make bench` runs every module here that has a `run()`."""
