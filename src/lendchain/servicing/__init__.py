"""What happens to a loan after it is paid out: instalments, lateness, default, recovery; and the replay of books."""
