package com.example.saas;

import java.security.Principal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Api {
    private final Invoices invoices;
    private final Members members;

    Api(Invoices invoices, Members members) {
        this.invoices = invoices;
        this.members = members;
    }

    @PostMapping("/invoices/{number}/pay")
    void pay(@PathVariable String number, @RequestParam int amount, @RequestParam String card, Principal payer) {
        invoices.pay(number, amount, card, payer.getName());
    }

    @PutMapping("/users/{user}/permissions/{permission}")
    void grant(@PathVariable String user, @PathVariable String permission) {
        members.grant(user, permission);
    }
}
