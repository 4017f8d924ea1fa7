package com.example.saas;

import io.muster.spring.Auditable;
import io.muster.spring.Masked;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Service;

@Service
class Invoices {
    private final Members members;

    Invoices(Members members) {
        this.members = members;
    }

    /** Three outcomes, one annotation: paid is SUCCESS, not allowed to is DENIED, a wrong amount is FAILURE. */
    @Auditable(value = "invoice.pay", resource = "'invoices/' + #number", details = "{amount: #amount, card: #card}")
    public void pay(String number, int amount, @Masked String card, String payer) {
        if (!members.may(payer, "pay")) {
            throw new AccessDeniedException("not allowed to pay");
        }
        if (amount <= 0) {
            throw new IllegalArgumentException("an amount is more than 0");
        }
    }
}
