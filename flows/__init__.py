"""Orchestration only: the use cases as plain functions, and the Prefect flows around them."""
