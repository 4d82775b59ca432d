"""mxdigits side by side with the tutorial it grew from and with its peers."""
