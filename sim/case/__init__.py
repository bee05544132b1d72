"""The case: YAML in, a checked and frozen Library out. It knows neither the engine nor scoring."""
