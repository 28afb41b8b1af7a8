"""What `twolane doctor` looks at: each check says what it found and, in trouble, the command that mends it."""
