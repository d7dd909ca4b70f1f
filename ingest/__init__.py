"""Fill the platform: road extracts become regions."""
