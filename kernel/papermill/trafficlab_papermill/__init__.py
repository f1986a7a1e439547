"""Go for papermill: parameters with the notebook's types, and runs that behave alike whoever starts them.

papermill finds the engine by its entry point and imports it as it is imported itself. Import papermill first.
"""
