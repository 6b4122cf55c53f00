"""What Telegram says where it refuses, as far as it matters in more places than one."""

UNCHANGED = "message is not modified"
"""An edit that changes nothing; in small letters."""
