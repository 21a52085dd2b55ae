"""Pictures that strangers send: judged, drawn anew in a process of their own, and never passed on as they came."""
