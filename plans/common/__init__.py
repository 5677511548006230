"""What every app uses, on the lowest floor: the top level is fixed, so it stands here and not in a folder `core/`."""
