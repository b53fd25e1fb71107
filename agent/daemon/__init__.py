"""The daemon: it looks when it is time, mails what people need, answers at its doors, and ends in good order."""
