"""The screens: library, briefing, ward, debrief, and the dialogs over them."""
