"""Lives a real loan book on the chain in accelerated time: read, check, find a path, act, compare to the cent."""
