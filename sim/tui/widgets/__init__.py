"""The parts of a screen. Attributes come down, messages go up; none of them knows the session."""
