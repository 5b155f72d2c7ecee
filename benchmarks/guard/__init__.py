"""Guard: has the Engine become slower? Counted in instructions, which do not depend on the day."""
