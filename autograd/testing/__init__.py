"""What tests of derivatives need: numerical checks, and strategies for hypothesis."""
