"""What makes and keeps the project, and is not shipped with it."""
