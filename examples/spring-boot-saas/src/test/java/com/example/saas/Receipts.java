package com.example.saas;

import io.muster.client.AuditEvent;
import io.muster.client.AuditListener;
import io.muster.client.Receipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what Muster promised to keep; a bean of this type is all that it takes to hear of it. */
class Receipts implements AuditListener {
    final List<Receipt> all = new CopyOnWriteArrayList<>();
    final List<String> lost = new CopyOnWriteArrayList<>();

    @Override
    public void recorded(AuditEvent event, Receipt receipt) {
        all.add(receipt);
    }

    @Override
    public void refused(AuditEvent event, int status, String why) {
        lost.add(event + " was refused: " + status + " " + why);
    }

    @Override
    public void dropped(AuditEvent event) {
        lost.add(event + " was dropped");
    }
}
