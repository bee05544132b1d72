"""The engine: the state graph, the patient's fate, the clock, the session and its log."""
