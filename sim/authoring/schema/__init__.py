"""The format of case files as JSON Schema, for editors: written from the models that read them, never by hand beside
them."""
