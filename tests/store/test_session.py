def test_opens(engine):
    assert engine
