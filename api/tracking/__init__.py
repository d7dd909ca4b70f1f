"""Where contractors are: positions come in here."""
