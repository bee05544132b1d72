"""The case: YAML in, a checked and frozen `Scenario` out. It knows neither the engine nor scoring."""
