"""From frames to figures. Pure: no disk, no database, no Prefect."""
