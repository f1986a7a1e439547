"""Runs Go notebooks with papermill: parameters get the notebook's types, and each run behaves the same.

Papermill finds the engine by its entry point, and imports it while it is imported itself. Import
papermill first.
"""
