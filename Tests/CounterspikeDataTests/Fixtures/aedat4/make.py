"""Writes the recordings of this folder anew: pip install dv-processing==2.0.4; python3 make.py"""

import dv_processing as dv

for name, compression in dv.CompressionType.__members__.items():
    config = dv.io.MonoCameraWriter.Config("made-up", compression)
    config.addEventStream((346, 260))
    config.addTriggerStream()
    writer = dv.io.MonoCameraWriter(f"{name}.aedat4", config)
    store = dv.EventStore()
    for i in range(600):
        store.push_back(1700000000000000 + 137 * i, (i * 37) % 346, (i * i) % 260, i % 3 == 0)
        if i % 200 == 199:
            writer.writeEvents(store)
            store = dv.EventStore()
            kind = dv.TriggerType.EXTERNAL_SIGNAL_RISING_EDGE
            writer.writeTrigger(dv.Trigger(1700000000000000 + 137 * i, kind))
    del writer
